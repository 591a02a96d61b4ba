export * from './connect.js';
export * from './gathering-redis.js';
export * from './usable.js';
