// What `@jest/globals` gives inside jest's own runner: there it is made for each file, here they are global.
export const { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest, test } = globalThis;
