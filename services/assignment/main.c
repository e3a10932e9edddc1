#include "assignment.h"

#include <stdio.h>

int
main (int argc, char **argv)
{
    service_t service = {0};
    refusal_t refusal;
    service_open (&service, "assignment", argc, argv, true);
    assignment_t *assignment = assignment_new (&service, &refusal);
    if (!assignment) {
        fprintf (stderr, "assignment: %s: %s\n", refusal.field, refusal.text);
        return refusal_exit_status (refusal.code);
    }
    service_run (&service);
    service_finish (&service);
    assignment_destroy (&assignment);
    service_close (&service);
    return 0;
}
