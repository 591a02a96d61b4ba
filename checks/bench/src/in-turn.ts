/** Rivals in another order each turn, so that none is always first and none always follows the same other one. */
export function inTurn<T>(rivals: readonly T[], turn: number): T[] {
  const order = turn % 2 === 0 ? rivals : rivals.toReversed();
  const first = turn % rivals.length;
  return [...order.slice(first), ...order.slice(0, first)];
}
