/** The `code` of a system error such as `EEXIST`; undefined for other things thrown. */
export function errorCode(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
