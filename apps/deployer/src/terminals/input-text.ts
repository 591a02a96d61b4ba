/**
 * Text as UTF-8, piece by piece. A client that cuts what was pasted into pieces may cut between the two halves
 * of a surrogate pair; the first half waits for the second.
 */
export class InputText {
  #half = '';

  encode(text: string): Buffer {
    const whole = this.#half + text;
    const last = whole.charCodeAt(whole.length - 1);
    const cut = last >= 0xd800 && last <= 0xdbff;
    this.#half = cut ? whole.slice(-1) : '';
    return Buffer.from(cut ? whole.slice(0, -1) : whole);
  }
}
