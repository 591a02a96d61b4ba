import { z } from 'zod';
import {
  ApiKeyCreate,
  ApiKeyCreated,
  ApiKeyExchange,
  ApiKeyPage,
  ApiKeyQuery,
} from '../accounts/api-keys.js';
import {
  AccessToken,
  AuthInfo,
  Invitation,
  InvitationAcceptance,
  Jwks,
  LoginRequest,
  Me,
  PasswordChange,
  RefreshRequest,
  RegisterRequest,
  Session,
} from '../accounts/sessions.js';
import { defineApi, signInBodyLimit } from '../http/route.js';
import { Id } from '../primitives.js';
import { User, UserCreate, UserPage, UserQuery, UserUpdate } from '../users.js';

const userId = z.object({ user_id: Id });
const signedIn = { 200: { description: 'Signed in.', schema: Session } } as const;
const done = { 204: { description: 'Done, now or before.' } } as const;

/** Signing in and out. */
const sessionsApi = defineApi({
  getAuthInfo: {
    method: 'get',
    path: '/auth',
    tag: 'Sign-in',
    summary: 'How one signs in here',
    auth: 'public',
    responses: { 200: { description: 'The ways.', schema: AuthInfo } },
  },
  getJwks: {
    method: 'get',
    path: '/.well-known/jwks.json',
    tag: 'Sign-in',
    summary: 'The public keys that access tokens are checked with',
    auth: 'public',
    responses: { 200: { description: 'Keys in use, still in use, and in use next.', schema: Jwks } },
  },
  register: {
    method: 'post',
    path: '/auth/register',
    tag: 'Sign-in',
    summary: 'Make an account for oneself, where that is switched on',
    auth: 'public',
    body: RegisterRequest,
    bodyLimit: signInBodyLimit,
    responses: { 201: { description: 'Made and signed in.', schema: Session } },
    problems: ['conflict', 'forbidden', 'accounts_elsewhere'],
  },
  login: {
    method: 'post',
    path: '/auth/login',
    tag: 'Sign-in',
    summary: 'Sign in with e-mail and password',
    description: 'Failures are counted per account and address; too many are answered with 429 for a while.',
    auth: 'public',
    body: LoginRequest,
    bodyLimit: signInBodyLimit,
    responses: signedIn,
    problems: ['unauthenticated', 'accounts_elsewhere'],
  },
  refresh: {
    method: 'post',
    path: '/auth/refresh',
    tag: 'Sign-in',
    summary: 'Exchange a refresh token for a fresh pair',
    auth: 'public',
    body: RefreshRequest,
    bodyLimit: signInBodyLimit,
    responses: signedIn,
    problems: ['unauthenticated', 'accounts_elsewhere'],
  },
  logout: {
    method: 'post',
    path: '/auth/logout',
    tag: 'Sign-in',
    summary: 'End the session of a refresh token',
    description: 'The deployer takes access tokens of the session until they expire, a few minutes.',
    auth: 'public',
    body: RefreshRequest,
    bodyLimit: signInBodyLimit,
    responses: done,
    problems: ['accounts_elsewhere'],
  },
  acceptInvitation: {
    method: 'post',
    path: '/auth/invitation',
    tag: 'Sign-in',
    summary: 'Set a password with an invitation; sessions and API keys of the account end',
    auth: 'public',
    body: InvitationAcceptance,
    bodyLimit: signInBodyLimit,
    responses: signedIn,
    problems: ['unauthenticated', 'accounts_elsewhere'],
  },
  exchangeApiKey: {
    method: 'post',
    path: '/auth/token',
    tag: 'Sign-in',
    summary: 'Exchange an API key for a short access token',
    auth: 'public',
    body: ApiKeyExchange,
    bodyLimit: signInBodyLimit,
    responses: { 200: { description: 'A token that says what the key may.', schema: AccessToken } },
    problems: ['unauthenticated', 'accounts_elsewhere'],
  },
  getMe: {
    method: 'get',
    path: '/auth/me',
    tag: 'Sign-in',
    summary: 'Who one is',
    auth: 'user',
    responses: { 200: { description: 'Oneself.', schema: Me } },
    problems: ['not_found'],
  },
  changePassword: {
    method: 'post',
    path: '/auth/password',
    tag: 'Sign-in',
    summary: "Change one's password; every other session and all API keys end",
    auth: 'user',
    body: PasswordChange,
    responses: signedIn,
    problems: ['accounts_elsewhere'],
  },
});

const usersApi = defineApi({
  createUser: {
    method: 'post',
    path: '/users',
    tag: 'Users',
    summary: 'Create a user',
    description: 'Without a password: invite the user afterwards.',
    auth: 'user',
    body: UserCreate,
    responses: {
      201: { description: 'Created.', schema: User, headers: { Location: 'Where the new resource is.' } },
    },
    problems: ['conflict'],
  },
  listUsers: {
    method: 'get',
    path: '/users',
    tag: 'Users',
    summary: 'List users, newest first',
    auth: 'user',
    query: UserQuery,
    responses: { 200: { description: 'A page.', schema: UserPage } },
  },
  getUser: {
    method: 'get',
    path: '/users/{user_id}',
    tag: 'Users',
    summary: 'Read a user',
    auth: 'user',
    params: userId,
    responses: { 200: { description: 'The user.', schema: User } },
    problems: ['not_found'],
  },
  updateUser: {
    method: 'patch',
    path: '/users/{user_id}',
    tag: 'Users',
    summary: 'Change the name or the roles of a user, or disable the account',
    description:
      'Whoever loses a role or is disabled is signed out; API keys of a disabled account are revoked. Counts here at ' +
      'once, or within five seconds; the deployer takes access tokens until they expire, a few minutes.',
    auth: 'user',
    params: userId,
    body: UserUpdate,
    responses: { 200: { description: 'The user as it is now.', schema: User } },
    problems: ['not_found', 'conflict', 'accounts_elsewhere'],
  },
  inviteUser: {
    method: 'post',
    path: '/users/{user_id}/invitation',
    tag: 'Users',
    summary: 'Give a user a way to set a password, once',
    auth: 'user',
    params: userId,
    responses: { 201: { description: 'Earlier invitations are void.', schema: Invitation } },
    problems: ['not_found', 'accounts_elsewhere'],
  },
  endSessions: {
    method: 'delete',
    path: '/users/{user_id}/sessions',
    tag: 'Users',
    summary: 'Sign a user out everywhere: sessions and API keys end',
    auth: 'user',
    params: userId,
    query: z.strictObject({
      keep_api_keys: z.enum(['true', 'false']).default('false').describe('`true` ends sessions only.'),
    }),
    responses: done,
    problems: ['not_found'],
  },
});

const apiKeysApi = defineApi({
  createApiKey: {
    method: 'post',
    path: '/api-keys',
    tag: 'API keys',
    summary: 'Make an API key for oneself',
    auth: 'user',
    body: ApiKeyCreate,
    responses: { 201: { description: 'The only time that the key is shown.', schema: ApiKeyCreated } },
    problems: ['conflict', 'accounts_elsewhere', 'reauthentication_required'],
  },
  listApiKeys: {
    method: 'get',
    path: '/api-keys',
    tag: 'API keys',
    summary: 'List API keys, newest first',
    auth: 'user',
    query: ApiKeyQuery,
    responses: { 200: { description: 'A page.', schema: ApiKeyPage } },
  },
  deleteApiKey: {
    method: 'delete',
    path: '/api-keys/{api_key_id}',
    tag: 'API keys',
    summary: 'Revoke an API key',
    auth: 'user',
    params: z.object({ api_key_id: Id }),
    responses: { 204: { description: 'Revoked.' } },
    problems: ['not_found'],
  },
});

/** Users, how they sign in, and their API keys. */
export const accountsApi = defineApi({ ...sessionsApi, ...usersApi, ...apiKeysApi });
