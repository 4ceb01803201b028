/**
 * What both servers and the client agree to, for `tls`: RFC 9325 §4.2 (forward secrecy and
 * authenticated encryption), and OpenSSL's level 2, 112 bits, which refuses RSA keys below 2,048 bits
 * and signatures with SHA-1. Said here because a Node's own defaults are those of its OpenSSL.
 */
export const TLS = {
  minVersion: 'TLSv1.2',
  ciphers: [
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'TLS_AES_128_GCM_SHA256',
    'ECDHE+AESGCM',
    'ECDHE+CHACHA20',
    'DHE+AESGCM',
    // Of these two groups, those without a certificate.
    '!aNULL',
    '@SECLEVEL=2',
  ].join(':'),
} as const;
