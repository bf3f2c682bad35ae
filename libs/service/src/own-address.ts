/** Where this process answers other services of the platform, once it listens: to be told to those who look for it. */
export class OwnAddress {
  /** Without a slash at the end; undefined before it listens, and where it answers nobody. */
  url: string | undefined;
}
