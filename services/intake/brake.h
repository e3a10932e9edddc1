//  The brake on memory and disk: registration stops long before Redis is full, and nothing else
//  does. Looks once a second.

#ifndef DAUMOI_BRAKE_H
#define DAUMOI_BRAKE_H

#include "redis.h"
#include "service.h"

typedef struct brake brake_t;
brake_t *brake_new (service_t *service);
void brake_destroy (brake_t **self_p);
//  0 when registration may go on, else -1 with the reason and a hint when to try again.
int brake_check (const brake_t *self, refusal_t *refusal);

#endif
