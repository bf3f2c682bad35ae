import { AsyncLocalStorage } from 'node:async_hooks';

interface About {
  workspace: string | undefined;
}

/*
 * Which workspace a request is about belongs to the request, as its deadline would: every query and every definition
 * needs it, and an argument of each method between is an argument that one of them forgets. Where nothing was entered,
 * asking throws: there is no workspace that is taken by default.
 */
const requests = new AsyncLocalStorage<About>();

/** Goes on with a request that is about no workspace yet. */
export function beginRequest(goOn: () => void): void {
  requests.run({ workspace: undefined }, goOn);
}

/** The request is about this workspace from here on. */
export function enterWorkspace(workspace: string): void {
  const about = requests.getStore();
  if (!about) throw new Error('this is no request');
  about.workspace = workspace;
}

/** Work about a workspace that no request asks for. */
export function inWorkspace<T>(workspace: string, work: () => T): T {
  return requests.run({ workspace }, work);
}

/** The workspace that the request is about. */
export function currentWorkspace(): string {
  const workspace = requests.getStore()?.workspace;
  if (workspace === undefined) throw new Error('nobody said which workspace this is about');
  return workspace;
}
