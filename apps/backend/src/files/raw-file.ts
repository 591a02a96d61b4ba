/** A file as it came, whatever is in it. */
export interface RawFile {
  path: string;
  bytes: Buffer;
}

/** How much of one submission is taken. */
export interface FileLimits {
  /** UTF-8 bytes of all that the grader reads. */
  textBytes: number;
  /** Who sets that limit. */
  whose: 'this service' | 'this assignment';
  /** Bytes of all files together, once they are unpacked. */
  allBytes: number;
}
