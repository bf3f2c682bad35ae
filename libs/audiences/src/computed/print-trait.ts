import { digest } from '@tributary/kernel';
import { printDuration } from '../durations.js';
import { printSelection, printText } from '../selection-printer.js';
import type { ComputedTrait, Reducer, ReducerValue, TraitWindow } from './computed-trait.js';
import { isScore, type DefinedTrait } from './score.js';

/** The normal text of a computed trait, on one line: what is stored and hashed. {@link parseComputedTrait} reads it back. */
export function printComputedTrait(trait: ComputedTrait): string {
  return `${printSelection(trait)}${printWindow(trait.window)}.${printReducer(trait.reducer)}`;
}

/** As {@link printComputedTrait}, also of a score; `parseTrait` reads it back. */
export function printTrait(trait: DefinedTrait): string {
  if (!isScore(trait)) return printComputedTrait(trait);
  const best = trait.best === 'highest' ? '' : `, best: ${printText(trait.best)}`;
  return `trait(${printText(trait.ranks)}).score(${trait.groups}${best})`;
}

/** Names a trait by what it says: another one has another name. */
export function traitHash(trait: DefinedTrait): string {
  return digest(printTrait(trait));
}

function printWindow(window: TraitWindow | undefined): string {
  if (!window) return '';
  const to = printDuration(window.toMs);
  return window.fromMs === undefined ? `.within(${to})` : `.between(${printDuration(window.fromMs)}, ${to})`;
}

function printReducer(reducer: Reducer): string {
  switch (reducer.op) {
    case 'min':
    case 'max':
      return `${reducer.op}(${printValue(reducer.value)}${reducer.as ? ' as string' : ''})`;
    case 'mode':
      return `mode(${printValue(reducer.value)}, ${reducer.minimumFrequency})`;
    case 'unique_count':
      return `unique(${printValue(reducer.value)}).count()`;
    case 'stage': {
      const { newMs, atRiskMs, dormantMs } = reducer;
      return `stage(${[newMs, atRiskMs, dormantMs].map(printDuration).join(', ')})`;
    }
    default:
      return `${reducer.op}(${'value' in reducer ? printValue(reducer.value) : ''})`;
  }
}

function printValue({ from, path }: ReducerValue): string {
  return `${from}(${printText(path)})`;
}
