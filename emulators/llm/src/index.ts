export { BEHAVIOURS, type Behaviour } from './behaviour/behaviour.js';
export { startLocalLlm, type LocalLlm, type LocalLlmOptions } from './server.js';
