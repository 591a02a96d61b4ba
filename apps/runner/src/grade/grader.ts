export { gradeSubmission } from './grade.js';
export { Model } from './model.js';
