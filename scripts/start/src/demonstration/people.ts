import type { Role } from '@cloudemy/contracts';
import { type Admin, bearer, openPeopleDesk } from '@cloudemy/emulator-stack';
import type { Screen } from '../screen.js';

/** What requests are made with; empty where nobody has to sign in. */
export type Credentials = Record<string, string>;

/** Who plays which part in the demonstration. */
export interface People {
  instructor: Credentials;
  student: Credentials;
  operator: Credentials;
}

const nobody: People = { instructor: {}, student: {}, operator: {} };

/** Has an administrator invite the people of the demonstration, and signs them in; nobody where none has to. */
export async function signInPeople(
  backendUrl: string,
  admin: Admin,
  screen: Screen,
  signal: AbortSignal,
): Promise<People> {
  const desk = await openPeopleDesk(backendUrl, admin, signal);
  if (desk === undefined) return nobody;
  screen.heading('People');
  screen.line(`${admin.email} invites the others`);
  const join = async (role: Role): Promise<Credentials> => {
    const email = `${role}@cloudemy.local`;
    const password = crypto.randomUUID();
    const session = await desk.join(role, email, password);
    screen.line(`${email} is signed in; password ${password}`);
    return bearer(session.access_token);
  };
  return {
    instructor: await join('instructor'),
    student: await join('student'),
    operator: await join('runner-operator'),
  };
}
