/** Who a request is made by. */
export interface Actor {
  readonly userId: string;
}

/** Who everybody is while authentication is off; the backend knows the same one under the same id. */
export const localOperator: Actor = { userId: '000000000000000000000001' };
