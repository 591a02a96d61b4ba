import { expect, test } from '@jest/globals';
import { base64Of, fileOf } from './files.ts';

test('text goes as text, and what is no text as it is', async () => {
  expect(await fileOf(new File(['print("안녕")'], 'a.py'))).toMatchObject({
    content: 'print("안녕")',
    encoding: 'utf-8',
  });
  expect(await fileOf(new File([new Uint8Array([0xff, 0x00, 0x80])], 'a.bin'))).toMatchObject({
    content: '/wCA',
    encoding: 'base64',
  });
});

test('a large file is no larger than base64 makes it', () => {
  const bytes = Uint8Array.from({ length: 100_001 }, (_, index) => index % 256);
  expect(Buffer.from(base64Of(bytes), 'base64')).toEqual(Buffer.from(bytes));
});
