import { createHash } from 'node:crypto';
import { Limiter, type LimiterRedis, addressKey, tooManyRequests } from '@cloudemy/auth';

export interface ThrottleOptions {
  /** Failures in a window, by account and address, by account, and by address. */
  perPair: number;
  perAccount: number;
  perAddress: number;
  seconds: number;
}

/**
 * Slows down who guesses passwords: one account from one address, one account from many addresses, many accounts
 * from one address. A try counts before it is made, so that many at once count too, and is given back when it
 * was right. Accounts that do not exist count like those that do.
 */
export class LoginThrottle {
  private readonly perPair: Limiter;
  private readonly perAccount: Limiter;
  private readonly perAddress: Limiter;

  constructor({ perPair, perAccount, perAddress, seconds }: ThrottleOptions, redis: LimiterRedis) {
    const limiter = (name: string, points: number) => new Limiter({ name, points, seconds }, redis);
    this.perPair = limiter('login', perPair);
    this.perAccount = limiter('login-account', perAccount);
    this.perAddress = limiter('login-address', perAddress);
  }

  /**
   * @param isKnown whether the account was signed in to from this address before: then what strangers elsewhere tried
   *   does not count, so that nobody locks anybody out
   * @param attempt resolves to undefined when the password was wrong
   * @throws ProblemError `rate_limited`
   */
  async attempt<T>(
    { email, address, isKnown }: { email: string; address: string; isKnown: () => Promise<boolean> },
    attempt: () => Promise<T | undefined>,
  ) {
    const account = createHash('sha256').update(email).digest('base64url');
    const from = addressKey(address);
    // The address first: once it is refused, it uses up nothing of the accounts it asks for.
    await this.charge(this.perAddress, from);
    await this.charge(this.perPair, `${account}|${from}`);
    const stranger = !(await isKnown());
    if (stranger) await this.charge(this.perAccount, account);
    const outcome = await attempt();
    if (outcome !== undefined) {
      await this.perPair.forget(`${account}|${from}`);
      if (stranger) await this.perAccount.giveBack(account);
      await this.perAddress.giveBack(from);
    }
    return outcome;
  }

  /**
   * Counts what is tried without an account.
   *
   * @throws ProblemError `rate_limited`
   */
  countAddress(address: string): Promise<void> {
    return this.charge(this.perAddress, addressKey(address));
  }

  private async charge(limiter: Limiter, key: string): Promise<void> {
    const consumed = await limiter.consume(key);
    if (!consumed.allowed) throw tooManyRequests(limiter.limit, consumed);
  }
}
