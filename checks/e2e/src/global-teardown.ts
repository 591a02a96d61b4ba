export { endStack as default } from './running-stack.js';
