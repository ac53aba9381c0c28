"""What a person sent: state and answers, timelines, withdrawing, consent to keep places."""
