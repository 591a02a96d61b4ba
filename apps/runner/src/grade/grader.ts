export { Model } from '../model/model.js';
export { gradeSubmission } from './grade.js';
