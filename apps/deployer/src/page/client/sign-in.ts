import { byId } from './dom.js';
import { SignInError, authInfo, signIn, signOut, signedInAs, useToken } from './session.js';

const section = () => byId('sign-in', HTMLElement);
const note = () => byId('sign-in-note', HTMLElement);

/** Shows the ways to sign in, with what the service said about the last try. */
export function askToSignIn(words: string): void {
  // What is being typed stays.
  if (!section().hidden) return;
  note().textContent = words;
  section().hidden = false;
  showWho();
  void showWays();
}

/** Accounts are the backend's, unless an OpenID Connect provider has its place: a page cannot sign in there. */
async function showWays(): Promise<void> {
  const { issuer } = await authInfo().catch(() => ({ issuer: null }));
  byId('password-form', HTMLFormElement).hidden = issuer !== null;
  if (issuer === null) return;
  byId('token-way', HTMLDetailsElement).open = true;
  byId('issuer-note', HTMLElement).textContent =
    `People sign in at ${issuer} here, which this page cannot do for them: paste an access token of it, or an API key.`;
}

function showWho(): void {
  const who = signedInAs();
  byId('signed-in', HTMLElement).textContent = who === undefined ? '' : `Signed in as ${who}`;
  byId('sign-out', HTMLButtonElement).hidden = who === undefined;
}

/**
 * The forms: e-mail and password, or an access token or API key. What comes of them is kept as long as the browser
 * tab, and goes to this service alone.
 *
 * @param onChange called when somebody has signed in
 */
export function setUpSignIn(onChange: () => void): void {
  const passwordForm = byId('password-form', HTMLFormElement);
  const email = byId('email', HTMLInputElement);
  const password = byId('password', HTMLInputElement);
  const token = byId('token', HTMLInputElement);
  const enter = (): void => {
    section().hidden = true;
    showWho();
    onChange();
  };
  passwordForm.addEventListener('submit', (event) => {
    event.preventDefault();
    const given = password.value;
    password.value = '';
    note().textContent = 'Signing in …';
    signIn(email.value.trim(), given).then(enter, (error: unknown) => {
      note().textContent =
        error instanceof SignInError ? error.message : 'The service cannot be reached. Try again.';
      password.focus();
    });
  });
  byId('sign-in-form', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    useToken(token.value.trim());
    token.value = '';
    enter();
  });
  byId('sign-out', HTMLButtonElement).addEventListener('click', () => {
    void signOut().finally(() => window.location.reload());
  });
  showWho();
}
