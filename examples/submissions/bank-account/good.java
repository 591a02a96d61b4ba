import java.util.Objects;

/** A bank account. All amounts are in cents. */
public final class Account {
    private final String owner;
    private long balance;
    private long deposited;
    private long deposits;

    /** Opens an empty account for an owner, who must have a name. */
    public Account(String owner) {
        this.owner = Objects.requireNonNull(owner, "owner");
    }

    /** Adds an amount in cents, which must be positive. */
    public void deposit(long amount) {
        requirePositive(amount);
        balance = Math.addExact(balance, amount);
        deposited = Math.addExact(deposited, amount);
        deposits += 1;
    }

    /** Takes an amount in cents out; it must be positive and no more than the balance. */
    public void withdraw(long amount) {
        requirePositive(amount);
        if (amount > balance) {
            throw new IllegalStateException("the balance of " + balance + " does not cover " + amount);
        }
        balance -= amount;
    }

    /** The mean of all deposits in cents, 0 when there were none. */
    public double averageDeposit() {
        if (deposits == 0) {
            return 0;
        }
        return (double) deposited / deposits;
    }

    /** The balance in cents. */
    public long balance() {
        return balance;
    }

    /** Whether the name is the owner's. */
    public boolean isOwner(String name) {
        return owner.equals(name);
    }

    private static void requirePositive(long amount) {
        if (amount <= 0) {
            throw new IllegalArgumentException("an amount must be positive, not " + amount);
        }
    }
}
