const EXCEPTION = /^(Caused by: )?(?:[\w$]+\.)+[\w$]*(?:Exception|Error): (.+)$/;

/**
 * Why a broker failed, in one line: the innermost cause below the last error that it logged, or that error itself, or
 * the last thing that it said.
 */
export function reasonIn(output: string): string {
  const lines = output.trim().split('\n');
  const at = lines.findLastIndex((line) => / (ERROR|FATAL) /.test(line));
  const causes = lines.slice(at + 1).flatMap((line) => EXCEPTION.exec(line)?.[2] ?? []);
  return causes.at(-1) ?? lines.at(at) ?? '';
}
