import { hash, verify } from '@node-rs/argon2';

/**
 * Argon2id with the first of the settings that OWASP gives as equal: 19 MiB, two passes, one lane
 * (https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html). Hashing happens on libuv's
 * four threads, so no more than four times that much memory is in use.
 */
const options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export const hashPassword = (password: string): Promise<string> => hash(normalized(password), options);

let nobody: Promise<string> | undefined;

/**
 * Whether a password fits a hash. Without a hash it never does, and takes just as long: the time tells nobody
 * whether there is an account.
 */
export async function passwordFits(password: string, stored: string | undefined): Promise<boolean> {
  nobody ??= hashPassword('the password of nobody');
  const fits = await verify(stored ?? (await nobody), normalized(password));
  return stored !== undefined && fits;
}

/** The same characters count as the same however a keyboard composes them (NIST SP 800-63B, section 3.1.1.2). */
const normalized = (password: string): string => password.normalize('NFKC');
