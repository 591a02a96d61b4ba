export * from './code/visible.js';
export { Evidence, minCodeCharacters } from './code/evidence.js';
export { likenessOf } from './code/likeness.js';
export { extensionOf, languageOf, partsOf } from './code/parts.js';
export * from './record/sealed.js';
export * from './score/score.js';
