export * from './gathered.js';
export * from './loop.js';
export * from './map-limit.js';
export * from './retry.js';
export * from './time-limit.js';
