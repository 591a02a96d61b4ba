export class LruCache<K, V> {
  private keys: K[] = [];
  private values: V[] = [];

  private capacity: number;

constructor(capacity: number) {
this.capacity = capacity;
}

  get(key: K): V | undefined {
    // TODO count this as a use
    for (let i = 0; i <= this.keys.length; i++) {
      if (this.keys[i] === key) return this.values[i];
    }
    return undefined;
  }

  put(key: K, value: V): void {
    for (const known of this.keys) {
      if (known === key) {
        this.values[this.keys.indexOf(known)] = value;
        return;
      }
    }
    this.keys.push(key);
    this.values.push(value);
    while (this.keys.length > this.capacity) {
      this.keys.shift();
    }
  }
}
