import { byId } from './dom.js';

const key = 'cloudemy.credentials';

/** What this browser tab shows the service with every request, where that asks who one is. */
export function credentials(): Record<string, string> {
  const token = sessionStorage.getItem(key);
  return token === null ? {} : { Authorization: `Bearer ${token}` };
}

/** Shows the form, with what the service said about the last try. */
export function askToSignIn(words: string): void {
  byId('sign-in-note', HTMLElement).textContent = words;
  byId('sign-in', HTMLElement).hidden = false;
  byId('sign-out', HTMLButtonElement).hidden = true;
}

/**
 * A form for an access token or an API key. It is kept as long as the browser tab, and goes to this service alone.
 *
 * @param onChange called when somebody has signed in or out
 */
export function setUpSignIn(onChange: () => void): void {
  const form = byId('sign-in-form', HTMLFormElement);
  const token = byId('token', HTMLInputElement);
  const signOut = byId('sign-out', HTMLButtonElement);
  signOut.hidden = sessionStorage.getItem(key) === null;
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    sessionStorage.setItem(key, token.value.trim());
    token.value = '';
    byId('sign-in', HTMLElement).hidden = true;
    signOut.hidden = false;
    onChange();
  });
  signOut.addEventListener('click', () => {
    sessionStorage.removeItem(key);
    window.location.reload();
  });
}
