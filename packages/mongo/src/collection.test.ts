import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { projectionOf } from './collection.js';

const Grade = z.object({ score: z.number(), feedback: z.string() });
const Stored = z.object({
  _id: z.string(),
  status: z.string(),
  grade: Grade.nullable().optional(),
  code: z.string(),
});

test('a projection names what its schema reads', () => {
  const part = Stored.pick({ _id: true, status: true, grade: true });
  expect(projectionOf(Stored, part).projection).toEqual({ _id: 1, status: 1, grade: 1 });
});

test('a field that is declared anew is read in parts', () => {
  const part = Stored.pick({ _id: true }).extend({
    grade: Grade.pick({ score: true }).nullable().optional(),
  });
  expect(projectionOf(Stored, part).projection).toEqual({ _id: 1, 'grade.score': 1 });
});
