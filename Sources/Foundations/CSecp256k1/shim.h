// Bitcoin Core's libsecp256k1 (Debian: libsecp256k1-dev) with its public-key recovery module.
#pragma once
#include <secp256k1.h>
#include <secp256k1_recovery.h>
