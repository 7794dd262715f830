-- The passwords of the three roles, from the environment of the database's own container.
\getenv owner KRING_OWNER_PASSWORD
\getenv web KRING_WEB_PASSWORD
\getenv worker KRING_WORKER_PASSWORD
alter role kring_owner password :'owner';
alter role kring_web password :'web';
alter role kring_worker password :'worker';
