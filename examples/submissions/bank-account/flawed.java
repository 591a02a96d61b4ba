public class Account {
    String owner;
    long balance;
    long total;
    long count;

    public Account(String owner) {
        this.owner = owner;
    }

    public void deposit(long amount) {
        balance += amount;
        total += amount;
        count++;
    }

    public void withdraw(long amount) {
        balance -= amount;
    }

    public double averageDeposit() {
        return total / count;
    }

    public boolean isOwner(String name) {
        return name == owner;
    }
}
