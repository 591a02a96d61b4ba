import { z } from 'zod';
import { Timestamp, Title, wellFormed } from '../primitives.js';
import { Email, Role, User } from '../users.js';

/**
 * Long rather than contrived, as NIST SP 800-63B (section 3.1.1.2) has it: any characters, spaces too. The upper
 * limit keeps hashing cheap.
 */
export const NewPassword = wellFormed(
  z.string().min(12, 'must have at least 12 characters').max(256, 'must have at most 256 characters'),
).meta({ id: 'NewPassword' });

/** A password as it is tried: whatever it is, the answer is right or wrong. */
export const GivenPassword = z.string().max(1_024);

/** Whoever changes a password because somebody else may know it wants nothing of theirs to live on. */
const KeepApiKeys = z
  .boolean()
  .default(false)
  .describe('API keys of the account are revoked, unless this says to keep them.');

export const LoginRequest = z
  .strictObject({ email: Email, password: GivenPassword })
  .meta({ id: 'LoginRequest' });
export type LoginRequest = z.output<typeof LoginRequest>;

export const RegisterRequest = z
  .strictObject({ email: Email, display_name: Title, password: NewPassword })
  .meta({ id: 'RegisterRequest' });
export type RegisterRequest = z.output<typeof RegisterRequest>;

export const RefreshToken = z
  .string()
  .max(500)
  .describe('Good for one exchange; every exchange gives a new one. Used again later, it ends the session.');

export const RefreshRequest = z.strictObject({ refresh_token: RefreshToken }).meta({ id: 'RefreshRequest' });

export const PasswordChange = z
  .strictObject({ current_password: GivenPassword, new_password: NewPassword, keep_api_keys: KeepApiKeys })
  .meta({ id: 'PasswordChange' });
export type PasswordChange = z.output<typeof PasswordChange>;

export const InvitationAcceptance = z
  .strictObject({ invitation: z.string().max(500), password: NewPassword, keep_api_keys: KeepApiKeys })
  .meta({ id: 'InvitationAcceptance' });
export type InvitationAcceptance = z.output<typeof InvitationAcceptance>;

export const Invitation = z
  .object({
    invitation: z.string().describe('Shown once. Hand it to the user, who sets a password with it.'),
    expires_at: Timestamp,
  })
  .meta({ id: 'Invitation' });
export type Invitation = z.output<typeof Invitation>;

export const AccessToken = z
  .object({
    access_token: z.string().describe('Send it as `Authorization: Bearer …`.'),
    token_type: z.literal('Bearer'),
    expires_in: z.int().describe('Seconds.'),
  })
  .meta({ id: 'AccessToken' });
export type AccessToken = z.output<typeof AccessToken>;

export const Session = z
  .object({
    ...AccessToken.shape,
    refresh_token: RefreshToken,
    session_expires_at: Timestamp.describe('Then it takes the password again.'),
    user: User,
  })
  .meta({ id: 'Session', description: 'Somebody who is signed in.' });
export type Session = z.output<typeof Session>;

export const SignedInSession = z
  .object({
    session_id: z.string().max(100),
    current: z.boolean().describe('Whether it is that of this request.'),
    created_at: Timestamp.describe('When somebody signed in.'),
    last_seen_at: Timestamp.describe('When its tokens were last exchanged: every few minutes of use.'),
    expires_at: Timestamp,
  })
  .meta({ id: 'SignedInSession' });
export const SignedInSessions = z
  .object({ items: z.array(SignedInSession) })
  .meta({ id: 'SignedInSessions', description: 'Newest first; a user has a bounded number of them.' });
export type SignedInSessions = z.output<typeof SignedInSessions>;

export const AuthInfo = z
  .object({
    mode: z
      .enum(['off', 'jwt'])
      .describe('`off`: everyone is an administrator, there is nothing to sign in to.'),
    issuer: z.string().nullable().describe('Where to sign in instead of here: an OpenID Connect provider.'),
    self_registration: z.boolean().describe('Whether people make accounts for themselves.'),
  })
  .meta({ id: 'AuthInfo' });
export type AuthInfo = z.output<typeof AuthInfo>;

export const Me = z
  .object({ ...User.shape, effective_roles: z.array(Role).describe('By the credentials of this request.') })
  .meta({ id: 'Me' });

/** RFC 7517. */
export const Jwks = z
  .object({
    keys: z.array(
      z.object({
        kty: z.string(),
        crv: z.string(),
        x: z.string(),
        y: z.string(),
        kid: z.string(),
        alg: z.string(),
        use: z.string(),
      }),
    ),
  })
  .meta({ id: 'Jwks' });
export type Jwks = z.output<typeof Jwks>;
