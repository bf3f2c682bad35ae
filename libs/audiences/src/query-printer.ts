import { printComputedTrait } from './computed/print-trait.js';
import type { AudienceDefinition } from './definition.js';
import { printDuration } from './durations.js';
import { grouped, printCompared, printSelection, printText } from './selection-printer.js';

/** The normal text of a definition, on one line: what is stored and hashed. {@link parseQuery} reads it back. */
export function printQuery(definition: AudienceDefinition): string {
  switch (definition.kind) {
    case 'and':
      return definition.operands.map((o) => grouped(printQuery(o), o.kind === 'or')).join(' AND ');
    case 'or':
      return definition.operands.map((o) => grouped(printQuery(o), false)).join(' OR ');
    case 'not':
      return `NOT (${printQuery(definition.operand)})`;
    case 'trait':
      return printCompared(`trait(${printText(definition.name)})`, definition.comparison);
    case 'value':
      return printCompared(printComputedTrait(definition), definition.comparison);
    case 'random':
      return `random(${definition.percent}%)`;
    case 'audience':
      return `audience(${printText(definition.key)})`;
    case 'event': {
      const window =
        definition.withinMs === undefined ? '' : `.within(${printDuration(definition.withinMs)})`;
      const { op, value } = definition.count;
      return `${printSelection(definition)}${window}.count() ${op} ${value}`;
    }
  }
}
