/** The rules for names, with the sentences a real server refuses them by. */
const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = String.raw`[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*`;
const QUALIFIED = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const VALUE = '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?';
const KEY = '[-._a-zA-Z0-9]+';

const labelShape = new RegExp(`^${LABEL}$`);
const subdomainShape = new RegExp(`^${SUBDOMAIN}$`);
const qualifiedShape = new RegExp(`^${QUALIFIED}$`);
const valueShape = new RegExp(`^${VALUE}$`);
const keyShape = new RegExp(`^${KEY}$`);

/** Every fault of a DNS label (namespaces, containers, volumes, port names). */
export function labelFaults(text: string): string[] {
  return [
    ...(text.length > 63 ? ['must be no more than 63 bytes'] : []),
    ...(labelShape.test(text)
      ? []
      : [
          `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${LABEL}')`,
        ]),
  ];
}

/** Every fault of a DNS subdomain (the names of most objects). */
export function subdomainFaults(text: string): string[] {
  return [
    ...(text.length > 253 ? ['must be no more than 253 characters'] : []),
    ...(subdomainShape.test(text)
      ? []
      : [
          `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${SUBDOMAIN}')`,
        ]),
  ];
}

/** Every fault of a Service's name. Since 1.34 it may begin with a digit. */
export function serviceNameFaults(text: string): string[] {
  const long = text.length > 63 ? ['must be no more than 63 characters'] : [];
  return labelShape.test(text) ? long : [...long, ...labelFaults(text).slice(text.length > 63 ? 1 : 0)];
}

/** Every fault of a label or annotation key. */
export function qualifiedNameFaults(text: string): string[] {
  const parts = text.split('/');
  const name = parts.pop() ?? '';
  const prefix = parts.shift();
  const faults: string[] = [];
  if (parts.length > 0) {
    return [
      `a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${QUALIFIED}') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  if (prefix === '') {
    faults.push('prefix part must be non-empty');
  } else if (prefix !== undefined) {
    faults.push(...subdomainFaults(prefix).map((fault) => `prefix part ${fault}`));
  }
  if (name === '') {
    faults.push('name part must be non-empty');
  } else if (name.length > 63) {
    faults.push('name part must be no more than 63 bytes');
  }
  if (!qualifiedShape.test(name)) {
    faults.push(
      `name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${QUALIFIED}')`,
    );
  }
  return faults;
}

/** Every fault of a label's value. */
export function labelValueFaults(text: string): string[] {
  return [
    ...(text.length > 63 ? ['must be no more than 63 bytes'] : []),
    ...(valueShape.test(text)
      ? []
      : [
          `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '${VALUE}')`,
        ]),
  ];
}

/** Every fault of a key of a ConfigMap or Secret. */
export function configKeyFaults(text: string): string[] {
  return [
    ...(text.length > 253 ? ['must be no more than 253 bytes'] : []),
    ...(keyShape.test(text)
      ? []
      : [
          `a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '${KEY}')`,
        ]),
  ];
}

/** Every fault of the name of an environment variable. */
export function envNameFaults(text: string): string[] {
  return /^[\x20-\x3c\x3e-\x7e]+$/.test(text) && !/^\d.*=|=/.test(text)
    ? []
    : ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

/** Whether a port may be called so. */
export function isPortName(text: string): boolean {
  return text.length <= 15 && labelShape.test(text) && /[a-z]/.test(text);
}
