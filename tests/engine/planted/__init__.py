"""The faults that the rules' tests plant, on the real engine: what the policy pack reports of them."""
