import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { scopeGrant, type Grant, type Role } from '@tributary/access';
import type { Principal } from '@tributary/control';

/** Who sent a request, and what they may do. */
export interface Caller {
  readonly principal: Principal;
  readonly grant: Grant;
  /** The workspace that the request is about. */
  readonly workspace: string;
  /** Of a user. */
  readonly role?: Role;
  /** How the request says who it is from. */
  readonly by: 'token' | 'session' | 'loopback';
  /** Of a request with a session's cookie. */
  readonly session?: CallerSession;
}

export interface CallerSession {
  readonly id: string;
  /** Unix time, milliseconds. */
  readonly expiresAt: number;
  readonly csrfToken: string;
}

/** Whether it is an admin of the installation, who chooses the workspace of each request. */
export function isOfInstallation({ principal }: Pick<Caller, 'principal'>): boolean {
  return principal.kind === 'operator';
}

/** What whoever holds the token of the settings may do. */
export const OPERATOR_GRANT: Grant = scopeGrant(['admin']);

/** What is read of a request to know who sent it. */
export interface AccessRequest {
  readonly method: string;
  readonly url: string;
  readonly ip: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Of the path. */
  readonly params?: Readonly<Record<string, string | undefined>>;
  principal?: Principal;
  caller?: Caller;
}

/** Who sent the request; the guard has let them in. */
export const From = createParamDecorator((_data: unknown, context: ExecutionContext): Caller => {
  const { caller } = context.switchToHttp().getRequest<AccessRequest>();
  if (!caller) throw new Error('a public route has no caller');
  return caller;
});

/** From where a request came, as a session remembers it. */
export interface Origin {
  readonly address: string;
  readonly agent: string;
}

const LONGEST_AGENT = 200;

export function headerOf({ headers }: AccessRequest, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : value?.[0];
}

export function agentOf(request: AccessRequest): string {
  return (headerOf(request, 'user-agent') ?? '').slice(0, LONGEST_AGENT);
}
