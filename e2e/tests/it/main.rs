mod oracle_patch;
