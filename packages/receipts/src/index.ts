export { canonical } from './canonical.js';
export { type PublicKey, type ReceiptKey, receiptKey } from './key.js';
export { type Part, digestOf, saltOf } from './parts.js';
export { signReceipt } from './sign.js';
export { type Misfit, type Verdict, verifyReceipt } from './verify.js';
