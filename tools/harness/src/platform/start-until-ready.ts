import { ServiceStartError, type ServiceProcess } from '@tributary/supervisor';

/**
 * Starts a service as often as it takes, as `npm start` does, which would not leave a service that gives up either.
 * Answers with how many starts it took.
 *
 * @throws ServiceStartError of the last start of so many
 */
export async function startUntilReady(
  service: ServiceProcess,
  {
    most,
    isWanted = () => true,
    say,
  }: { readonly most: number; readonly isWanted?: () => boolean; readonly say?: (line: string) => void },
): Promise<number> {
  for (let starts = 1; ; starts += 1) {
    try {
      await service.start();
      return starts;
    } catch (error) {
      if (!(error instanceof ServiceStartError) || starts === most) throw error;
      if (!isWanted()) return starts;
      say?.(`${error.message}; starting it again`);
    }
  }
}
