import './page.css';
import { setUpDeployForm } from './deploy-form.js';
import { setUpDeploymentList } from './deployment-list.js';
import { LogView } from './log-view.js';
import { onRefresh } from './session.js';
import { setUpSignIn } from './sign-in.js';
import { TerminalTabs } from './terminal-tabs.js';

const log = new LogView();
const terminals = new TerminalTabs();
const refresh = setUpDeploymentList({
  followLog: (job, namespace) => log.follow(job, namespace),
  openTerminal: (job, namespace) => void terminals.open(job, namespace),
});
setUpDeployForm(refresh);
setUpSignIn(() => {
  refresh();
  terminals.restore().catch(() => undefined);
});
onRefresh(() => terminals.showCredentials());
// Without the service there is nothing to return to, and the list says so.
terminals.restore().catch(() => undefined);
