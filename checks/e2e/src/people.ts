import type { Role } from '@cloudemy/contracts';
import { type Admin, bearer, openPeopleDesk } from '@cloudemy/emulator-stack';
import { z } from 'zod';

/** What requests are made with, by role; empty where nobody has to sign in. */
export const People = z.object({
  admin: z.record(z.string(), z.string()),
  instructor: z.record(z.string(), z.string()),
  student: z.record(z.string(), z.string()),
  operator: z.record(z.string(), z.string()),
});
export type People = z.output<typeof People>;

const nobody: People = { admin: {}, instructor: {}, student: {}, operator: {} };

/** Has the administrator invite one person of each role, who are found again by the next run. */
export async function signInPeople(backendUrl: string, admin: Admin): Promise<People> {
  const desk = await openPeopleDesk(backendUrl, admin, AbortSignal.timeout(60_000));
  if (desk === undefined) return nobody;
  const join = async (role: Role) =>
    bearer((await desk.join(role, `${role}@e2e.cloudemy.local`)).access_token);
  return {
    admin: bearer(desk.admin.access_token),
    instructor: await join('instructor'),
    student: await join('student'),
    operator: await join('runner-operator'),
  };
}
