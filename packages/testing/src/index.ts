export * from './events.js';
export * from './ports.js';
export * from './tcp-relay.js';
export * from './until.js';
