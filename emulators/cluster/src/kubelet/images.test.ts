import { describe, expect, test } from '@jest/globals';
import { baseImages, ImageTable, parseImageName, pullFailure } from './images.js';

describe('image names', () => {
  test.each([
    ['busybox', 'docker.io/library/busybox:latest'],
    ['team/tool:1', 'docker.io/team/tool:1'],
    ['localhost:5000/a/b', 'localhost:5000/a/b:latest'],
    ['registry.example/a@sha256:' + 'a'.repeat(64), 'registry.example/a@sha256:' + 'a'.repeat(64)],
  ])('%s', (text, name) => {
    expect(parseImageName(text)).toEqual({ name });
  });

  test.each([
    ['Bad_Image::NAME', 'invalid reference format: repository name (library/Bad_Image) must be lowercase'],
    ['', 'invalid reference format'],
    ['a b', 'invalid reference format'],
    ['busybox:', 'invalid reference format'],
  ])('%j is none', (text, error) => {
    expect(parseImageName(text)).toEqual({ error });
  });
});

describe('the table', () => {
  const table = new ImageTable([
    { pattern: 'cloudemy/runner:local', image: { entrypoint: ['node', 'runner.js'] } },
    ...baseImages,
  ]);

  test.each([
    ['docker.io/cloudemy/runner:local', true],
    ['docker.io/cloudemy/runner:other', false],
    ['docker.io/library/python:3.13-slim', true],
    ['docker.io/team/python:3', false],
    ['registry.example/library/busybox:latest', false],
  ])('%s is there: %s', (name, known) => {
    expect(table.find(name) !== undefined).toBe(known);
  });

  test('what is not there fails as a registry out of reach would', () => {
    expect(pullFailure('registry.invalid/team/none:1')).toBe(
      'rpc error: code = Unknown desc = failed to pull and unpack image "registry.invalid/team/none:1": failed to resolve image: failed to do request: Head "https://registry.invalid/v2/team/none/manifests/1": dial tcp: lookup registry.invalid: no such host',
    );
  });
});
