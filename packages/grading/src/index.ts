export * from './record/sealed.js';
