import { z } from 'zod';

export type Json = Record<string, unknown>;

const Schema = z.record(z.string(), z.unknown());

const Parameter = z.object({
  name: z.string(),
  in: z.enum(['path', 'query', 'header']),
  required: z.boolean(),
  schema: Schema,
});
export type Parameter = z.output<typeof Parameter>;

const Content = z.record(z.string(), z.object({ schema: Schema }));

const OperationObject = z.object({
  operationId: z.string(),
  security: z.array(Schema).default([]),
  parameters: z.array(Parameter).default([]),
  requestBody: z.object({ required: z.boolean(), content: Content }).optional(),
  responses: z.record(z.string(), z.object({ content: Content.optional() })),
});

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;

const OpenApi = z.looseObject({
  paths: z.record(z.string(), z.partialRecord(z.enum(methods), OperationObject)),
  components: z.object({ schemas: z.record(z.string(), Schema) }),
});

/** One operation, as the fuzzer needs it. */
export interface Operation {
  id: string;
  method: string;
  /** With its parameters in braces. */
  path: string;
  /** Names of the security schemes it takes. */
  security: string[];
  parameters: Parameter[];
  /** Schema of the JSON body; undefined when it takes none. */
  body: Json | undefined;
  responses: z.output<typeof OperationObject>['responses'];
}

/** What a service says of itself. */
export interface ApiDocument {
  /** The document as it came: what its references point into. */
  raw: Json;
  schemas: Record<string, Json>;
  operations: Operation[];
}

/**
 * Reads an OpenAPI 3.1 document as our services write it.
 *
 * @throws ZodError when it is another thing
 */
export function readDocument(raw: unknown): ApiDocument {
  const document = OpenApi.parse(raw);
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    methods.flatMap((method): Operation[] => {
      const found = item[method];
      if (found === undefined) return [];
      const { operationId: id, security, parameters, responses, requestBody } = found;
      const body = requestBody?.content['application/json']?.schema;
      return [
        {
          id,
          method,
          path,
          security: security.flatMap((one) => Object.keys(one)),
          parameters,
          body,
          responses,
        },
      ];
    }),
  );
  // Collections before their members: what the members need is made there.
  operations.sort((a, b) => Number(a.path.includes('{')) - Number(b.path.includes('{')));
  return { raw: document, schemas: document.components.schemas, operations };
}
