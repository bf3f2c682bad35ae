import { startServers } from './servers.mjs';

// Jest calls this once for each project, all in the one parent process; workers inherit its environment.
export default async function globalSetup() {
  await startServers();
}
