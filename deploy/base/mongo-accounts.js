// Run by mongosh inside the container of MongoDB, which lets nobody but a client on its own machine make the first account.
// It runs at every start: an installation from before there were accounts gets them too, and a changed password counts.
const { readFileSync } = require('fs');

const passwordIn = (name) => readFileSync(`/etc/cloudemy/mongo/${name}`, 'utf8').trim();
const admin = connect('mongodb://127.0.0.1:27017/admin');

try {
  admin.createUser({ user: 'root', pwd: passwordIn('mongo-root-password'), roles: ['root'] });
} catch (error) {
  // Unauthorized: there is an account already.
  if (error.code !== 13) throw error;
}

try {
  admin.auth('root', passwordIn('mongo-root-password'));
  const account = {
    pwd: passwordIn('mongo-password'),
    roles: ['readWriteAnyDatabase', 'dbAdminAnyDatabase'],
  };
  if (admin.getUser('cloudemy') === null) {
    admin.createUser({ user: 'cloudemy', ...account });
  } else {
    admin.updateUser('cloudemy', account);
  }
} catch (error) {
  // AuthenticationFailed: somebody changed root's password and not the Secret. The services need not stop for that.
  if (error.code !== 18) throw error;
  print('root does not sign in with mongo-root-password; the account of the services is left as it is.');
}

// What decides: the services can sign in.
connect('mongodb://127.0.0.1:27017/admin').auth('cloudemy', passwordIn('mongo-password'));
