export * from './tracer.js';
export * from './open-tracer.js';
