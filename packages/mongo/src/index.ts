export * from './clock.js';
export * from './collection.js';
export * from './connection-string.js';
export * from './database.js';
export * from './errors.js';
export * from './ids.js';
export * from './paging.js';
export * from './stored-model.js';
