import { describe, expect, it } from '@jest/globals';
import type { ContainerState, Pod } from '@cloudemy/k8s';
import { containerLife } from './container-state.js';

const ended = (exitCode: number): ContainerState => ({ terminated: { exitCode } });

/** A pod with one main container `main`, a sidecar `proxy` and an init container `setup`, all in this state. */
function pod(restartPolicy: string, state: ContainerState, phase = 'Running'): Pod {
  const status = (name: string) => ({ name, state, restartCount: 0 });
  return {
    metadata: { name: 'pod' },
    spec: {
      restartPolicy,
      initContainers: [{ name: 'setup' }, { name: 'proxy', restartPolicy: 'Always' }],
      containers: [{ name: 'main' }],
    },
    status: {
      phase,
      initContainerStatuses: [status('setup'), status('proxy')],
      containerStatuses: [status('main')],
    },
  };
}

describe('the log of a container that has ended is', () => {
  it.each([
    ['over when it is never restarted', 'Never', 'main', 1, true],
    ['to go on when a failure is tried again', 'OnFailure', 'main', 1, false],
    ['over when a success is not', 'OnFailure', 'main', 0, true],
    ['over for an init container that has done its work', 'Always', 'setup', 0, true],
    ['to go on for a sidecar, in a pod that restarts nothing else', 'Never', 'proxy', 0, false],
  ])('%s', (_what, policy, container, exitCode, isOver) => {
    expect(containerLife(pod(policy, ended(exitCode)), container)).toMatchObject({
      hasStarted: true,
      isDown: true,
      isOver,
    });
  });

  it('over for all of them when the pod is', () => {
    for (const container of ['setup', 'proxy', 'main']) {
      expect(containerLife(pod('Always', ended(0), 'Succeeded'), container).isOver).toBe(true);
    }
  });
});
