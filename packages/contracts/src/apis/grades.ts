import { z } from 'zod';
import { AttemptDetail } from '../attempts.js';
import { GradeChanges, GradeRestore, GradeUndo } from '../grades.js';
import { defineApi } from '../http/route.js';
import { Id, wholeNumber } from '../primitives.js';
import { ReceiptFile, ReceiptKeys } from '../receipts.js';
import { Submission } from '../submissions.js';

const submissionId = z.object({ submission_id: Id });
const attemptOf = z.object({ submission_id: Id, attempt: wholeNumber(1, 999_999) });
const changed = { 200: { description: 'The submission with the grade now in force.', schema: Submission } };

/** Attempts with their results, and what people do with grades. */
export const gradesApi = defineApi({
  getAttempt: {
    method: 'get',
    path: '/submissions/{submission_id}/attempts/{attempt}',
    tag: 'Grades',
    summary: 'Read an attempt with its whole result and the rubric it was graded by',
    auth: 'user',
    params: attemptOf,
    responses: { 200: { description: 'The attempt.', schema: AttemptDetail } },
    problems: ['not_found'],
  },
  listGradeChanges: {
    method: 'get',
    path: '/submissions/{submission_id}/grade/changes',
    tag: 'Grades',
    summary: 'List every grade that was in force: from whom, when and why',
    auth: 'user',
    params: submissionId,
    responses: { 200: { description: 'All of them.', schema: GradeChanges } },
    problems: ['not_found'],
  },
  getReceipt: {
    method: 'get',
    path: '/submissions/{submission_id}/attempts/{attempt}/receipt',
    tag: 'Grades',
    summary: 'Get the signed receipt of an attempt, or read in words what part a machine had',
    description:
      'Canonical JSON that `cloudemy verify FILE` checks without a network: it names the first byte that does not fit and computes the score again. What was said to the model is not shown to students; its hash is. As `text/html` or `text/markdown` it is an explanation for the student.',
    auth: 'user',
    params: attemptOf,
    responses: {
      200: {
        description: 'The receipt, or the explanation.',
        schema: ReceiptFile,
        alternatives: ['text/html', 'text/markdown'],
      },
    },
    problems: ['not_found', 'conflict', 'grade_withheld'],
  },
  getReceiptKeys: {
    method: 'get',
    path: '/.well-known/receipt-keys.json',
    tag: 'Grades',
    summary: 'The public keys that receipts are checked with, those of long ago too',
    auth: 'public',
    responses: { 200: { description: 'The keys.', schema: ReceiptKeys } },
  },
  confirmGrade: {
    method: 'post',
    path: '/submissions/{submission_id}/grade/confirm',
    tag: 'Grades',
    summary: 'Say that you have looked at the grade in force, and that it stands',
    description: 'With `grades_visible: after_review` its student sees it from then on, and later ones too.',
    auth: 'user',
    params: submissionId,
    responses: changed,
    problems: ['not_found', 'conflict'],
  },
  restoreGrade: {
    method: 'post',
    path: '/submissions/{submission_id}/grade/restore',
    tag: 'Grades',
    summary: 'Put the grade of an earlier attempt in force again',
    description: 'Whatever attempt is under way goes on. Does nothing if that grade is in force.',
    auth: 'user',
    params: submissionId,
    body: GradeRestore,
    responses: changed,
    problems: ['not_found', 'conflict', 'version_mismatch', 'quota_exceeded'],
  },
  undoGrade: {
    method: 'post',
    path: '/submissions/{submission_id}/grade/undo',
    tag: 'Grades',
    summary: 'Take the last change of the grade back',
    description:
      'What was in force before is in force again, whoever had changed it. That is a change too: taking it back does it anew.',
    auth: 'user',
    params: submissionId,
    body: GradeUndo,
    responses: changed,
    problems: ['not_found', 'conflict', 'version_mismatch', 'quota_exceeded'],
  },
});
