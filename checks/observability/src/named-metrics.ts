import { z } from 'zod';

const Dashboard = z.object({
  panels: z.array(
    z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })).default([]) }),
  ),
});

const Rules = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({
          alert: z.string(),
          expr: z.string(),
          annotations: z.object({ summary: z.string(), runbook: z.string() }),
        }),
      ),
    }),
  ),
});

export const readPanels = (json: unknown) => Dashboard.parse(json).panels;
export const readAlerts = (yaml: unknown) => Rules.parse(yaml).groups.flatMap(({ rules }) => rules);

/** PromQL's own words that stand where a metric could. */
const words = new Set(['by', 'and', 'or', 'le', 'on', 'unless', 'without', 'ignoring']);

/** The metrics an expression of PromQL reads: names that are no function, label, label value or keyword. */
export function metricsIn(expression: string): string[] {
  const bare = expression
    .replaceAll(/"[^"]*"/g, '')
    .replaceAll(/\{[^}]*\}|\[[^\]]*\]/g, '')
    .replaceAll(/\b(?:by|without|on|ignoring)\s*\([^)]*\)/g, '');
  const names = [...bare.matchAll(/[a-zA-Z_:][\w:]*(?!\w*\s*\()/g)].map(([name]) => name);
  return [...new Set(names.filter((name) => !words.has(name)))];
}

/** Names in Prometheus' text format, as a query has them: a histogram's three series included. */
export function exportedMetrics(text: string): Set<string> {
  return new Set(
    [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', type]) =>
      type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  );
}
